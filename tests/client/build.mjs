// Bundles the tests for Node, without the packages from npm.
import { build } from 'esbuild';

await build({
    entryPoints: ['src/main.test.ts'],
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    sourcemap: 'inline',
    outfile: 'build/main.test.mjs',
});
