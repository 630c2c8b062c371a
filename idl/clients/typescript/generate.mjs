// Renders the client of each program from idl/*.json into src/. `npm run build` runs it, and then the compiler.
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderVisitor } from '@codama/renderers-js';
import { createFromJson } from 'codama';

const here = dirname(fileURLToPath(import.meta.url));
const idls = join(here, '../..');
copyFileSync(join(here, '../../../LICENSE'), join(here, 'LICENSE'));
// The renderer renames an argument that has the name of an account, and warns each time. That is expected.
console.warn = (text) => text.includes('have been renamed') || console.error(text);

for (const file of readdirSync(idls).filter((name) => name.endsWith('.json'))) {
    const idl = JSON.parse(readFileSync(join(idls, file), 'utf8'));
    const folder = join(here, 'src', file.replace('.json', ''));
    rmSync(folder, { recursive: true, force: true });
    // The renderer renders no events: added as types, they get decoders.
    const events = idl.program.events.map(({ name, docs, data }) => {
        return { kind: 'definedTypeNode', name: `${name}Event`, docs, type: data };
    });
    idl.program.definedTypes.push(...events);
    const options = { syncPackageJson: false, formatCode: false, generatedFolder: '.' };
    await createFromJson(JSON.stringify(idl)).accept(renderVisitor(folder, options));
    write(folder, 'constants.ts', constants(idl.program));
    write(folder, 'description.ts', description(file.replace('.json', ''), idl.program));
    const index = readFileSync(join(folder, 'index.ts'), 'utf8');
    write(folder, 'index.ts', `${index.trimEnd()}\nexport * from './constants';\n`);
    for (const name of readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.ts'))) {
        const source = readFileSync(join(folder, name), 'utf8');
        write(folder, name, withExtensions(join(folder, dirname(name)), amended(source)));
    }
}

function write(folder, name, text) {
    writeFileSync(join(folder, name), text);
}

/** The renderer renders no constants. */
function constants(program) {
    const screaming = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
    const one = ({ name, docs, value }) => {
        const text = value.number ?? JSON.stringify(value.publicKey ?? value.data);
        const type = value.publicKey ? ` as Address<${text}>` : '';
        return `/** ${docs.join(' ')} */\nexport const ${screaming(name)} = ${text}${type};\n`;
    };
    const text = program.constants.map(one).join('\n');
    return text.includes('as Address') ? `import { type Address } from '@solana/kit';\n\n${text}` : text;
}

/** How the program's accounts, events, instructions and errors are told apart. */
function description(name, program) {
    const told = ({ name, discriminators }) => ({
        name,
        firstBytes: discriminators.find(({ constant }) => constant).constant.value.data,
        size: discriminators.find(({ size }) => size !== undefined)?.size,
    });
    const instruction = ({ name, arguments: [discriminator] }) => ({ name, discriminator: discriminator.defaultValue.number });
    const error = ({ code, name, message }) => ({ code, name, message });
    const all = {
        name,
        address: program.publicKey,
        accounts: program.accounts.map(told),
        events: program.events.map(told),
        instructions: program.instructions.map(instruction),
        errors: program.errors.map(error),
    };
    const text = JSON.stringify(all, undefined, 4);
    return `import { type Description } from '../programs.js';\n\nexport const description: Description = ${text} as Description;\n`;
}

/** What the renderer's code lacks. */
function amended(source) {
    return (
        source
            // An error has its sentence in production too: a service runs there.
            .replace(
                /let (\w+): (Record<\w+, string>) \| undefined;\nif \(process\.env\['NODE_ENV'\] !== 'production'\) \{\s*\1 = (.*);\s*\}\n/,
                'const $1: $2 = $3;\n',
            )
            .replace(/if \(process\.env\['NODE_ENV'\] !== 'production'\) \{\s*return \((\w+) as .*?\)\[code\];\s*\}\s*return '.*?';/, 'return $1[code];')
            // The generated plugin for kit's clients works, but does not type-check with this version of kit.
            .replace(/^ *return extendClient/m, '// @ts-expect-error\n$&')
    );
}

/** Imports name files, as Node and browsers want it. */
function withExtensions(folder, source) {
    const file = (path) => {
        const target = join(folder, path);
        if (path.endsWith('.js')) return path;
        const found = existsSync(`${target}.ts`) ? `${target}.js` : join(target, 'index.js');
        const from = relative(folder, found);
        return from.startsWith('.') ? from : `./${from}`;
    };
    return source.replace(/ from '(\.[^']*)'/g, (_, path) => ` from '${file(path)}'`);
}
