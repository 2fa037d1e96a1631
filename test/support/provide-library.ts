import { registerHooks } from 'node:module';

const URL = 'cdk-flue:provided';

/** From here on every ES module that imports `cdk-flue`, as the examples do, gets this. */
export function provideLibrary(library: object): void {
  Object.assign(globalThis, { [URL]: library });
  const source = `export const { ${Object.keys(library).join(', ')} } = globalThis['${URL}'];`;
  registerHooks({
    resolve: (specifier, context, next) => specifier === 'cdk-flue' ? { url: URL, shortCircuit: true } : next(specifier, context),
    load: (url, context, next) => url === URL ? { format: 'module', shortCircuit: true, source } : next(url, context),
  });
}
