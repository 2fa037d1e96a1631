const { readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { SourceMapSupport } = require('@jest/source-map');
const { createScriptTransformer } = require('@jest/transform');
const { isShared, SOURCES } = require('./source-of-worker.cjs');

const MODULES = { supportsDynamicImport: false, supportsExportNamespaceFrom: false, supportsStaticESM: false, supportsTopLevelAwait: false };

const maps = new SourceMapSupport();

/** Has every stack from here on name lines of the source: where the map of a file lies is remembered as soon as another takes its place. */
function remember(file, map) {
  const { prepareStackTrace } = Error;
  maps.install(new Map([[file, map]]));
  maps.install(undefined);
  Error.prepareStackTrace = prepareStackTrace;
}

/** Lets this worker load sources of the library, as Jest compiles and counts them. Jest would load them anew for each test file, a third of a second. */
exports.loadSources = async ({ globalConfig, projectConfig }) => {
  const compiler = require.resolve('@swc/jest');
  const transform = projectConfig.transform.map(([files, transformer, options]) => [files, /source-of-worker/.test(transformer) ? compiler : transformer, options]);
  const transformer = await createScriptTransformer({ ...projectConfig, transform });
  const compile = file => transformer.transformSource(file, readFileSync(file, 'utf8'), { ...MODULES, instrument: globalConfig.collectCoverage });

  const load = require.extensions['.ts'];
  require.extensions['.ts'] = (module, file) => {
    if (!isShared(file)) return load(module, file);
    const { code, sourceMapPath } = compile(file);
    remember(file, sourceMapPath);
    return module._compile(code, file);
  };

  if (globalConfig.collectCoverage && process.send) {
    const files = readdirSync(SOURCES, { recursive: true }).map(name => join(SOURCES, name)).filter(isShared).sort();
    // Each worker begins at one of the two ends, and finds what those at the other have compiled.
    (process.env.JEST_WORKER_ID % 2 ? files : files.reverse()).forEach(compile);
  }
};

/** Forgets the sources that this process has loaded, and what they counted. */
exports.forgetSources = () => {
  Object.keys(require.cache).filter(isShared).forEach(file => { delete require.cache[file]; });
  delete globalThis.__coverage__;
};
