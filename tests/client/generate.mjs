// Generates a TypeScript client of each program from its IDL. Arguments: the directory of the IDLs, the output directory.
import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { renderVisitor } from '@codama/renderers-js';
import { createFromJson } from 'codama';

const [idls, out] = process.argv.slice(2);
// The renderer renames an argument that has the name of an account, and warns each time. That is expected.
console.warn = (text) => text.includes('have been renamed') || console.error(text);
const lists = (node, names) => names.forEach((name) => (node[name] ??= []));

rmSync(out, { recursive: true, force: true });
for (const file of readdirSync(idls).filter((name) => name.endsWith('.json'))) {
    const idl = JSON.parse(readFileSync(join(idls, file), 'utf8'));
    const { program } = idl;
    // This version of the renderer needs lists that newer IDLs omit when they are empty.
    idl.additionalPrograms ??= [];
    lists(program, ['accounts', 'instructions', 'definedTypes', 'pdas', 'events', 'errors', 'constants']);
    program.instructions.forEach((instruction) => lists(instruction, ['accounts', 'arguments', 'discriminators']));
    // It renders no events: added as types, they get decoders.
    program.definedTypes.push(
        ...program.events.map(({ name, docs, data }) => ({ kind: 'definedTypeNode', name: `${name}Event`, docs, type: data })),
    );
    const directory = join(out, basename(file, '.json'));
    await createFromJson(JSON.stringify(idl)).accept(renderVisitor(directory, { syncPackageJson: false, formatCode: false }));
    // The generated plugin for kit's clients works, but does not type-check with this version of kit.
    const plugin = join(directory, 'src/generated/programs', `${program.name}.ts`);
    const source = readFileSync(plugin, 'utf8');
    writeFileSync(plugin, source.replace(/^ *return extendClient/m, '// @ts-expect-error\n$&'));
    // It renders no constants either.
    const screaming = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
    const constants = program.constants.map(
        ({ name, docs, value }) => `/** ${docs.join(' ')} */\nexport const ${screaming(name)} = ${value.number ?? JSON.stringify(value.publicKey ?? value.data)};\n`,
    );
    const generated = join(directory, 'src/generated');
    writeFileSync(join(generated, 'constants.ts'), constants.join('\n'));
    if (constants.length > 0) appendFileSync(join(generated, 'index.ts'), "export * from './constants';\n");
}
