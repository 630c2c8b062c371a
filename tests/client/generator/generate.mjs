// Renders a client of each program into clients/. Arguments: the folder with the IDLs.
import { readFileSync } from 'node:fs';
import { renderVisitor } from '@codama/renderers-js';
import { createFromJson } from 'codama';

const [folder] = process.argv.slice(2);
for (const name of ['bme', 'stake', 'escrow', 'identity']) {
    const idl = readFileSync(`${folder}/${name}.json`, 'utf8');
    // `formatCode`: prettier, which takes seconds. `syncPackageJson`: the renderer would write one without "type": "module".
    const options = { formatCode: false, syncPackageJson: false };
    await createFromJson(idl).accept(renderVisitor(`clients/${name}`, options));
}
