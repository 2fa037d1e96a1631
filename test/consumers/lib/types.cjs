// Checks the types of a project with TypeScript 6: of its own files and of the declarations of the library. To check those of aws-cdk-lib too, which are
// not ours, takes twice the time; TypeScript 7 does, in a third.
const { JSDocParsingMode, createCompilerHost, createProgram, formatDiagnostics, getParsedCommandLineOfConfigFile, sys } = require('typescript');

const format = diagnostics => formatDiagnostics(diagnostics, { getCurrentDirectory: sys.getCurrentDirectory, getCanonicalFileName: name => name, getNewLine: () => '\n' });
const stop = diagnostic => { throw new Error(format([diagnostic])); };
const { fileNames, options, projectReferences, errors } = getParsedCommandLineOfConfigFile('tsconfig.json', { noEmit: true }, { ...sys, onUnRecoverableConfigFileDiagnostic: stop });
const host = createCompilerHost(options);
// As `tsc` does.
host.jsDocParsingMode = JSDocParsingMode.ParseForTypeErrors;
const program = createProgram({ rootNames: fileNames, options, projectReferences, configFileParsingDiagnostics: errors, host });

const judged = program.getSourceFiles().filter(({ fileName }) => !/\/node_modules\/(?!cdk-flue\/)/.test(fileName));
const declarations = judged.filter(({ fileName }) => fileName.includes('/node_modules/cdk-flue/'));
if (declarations.length === 0 || declarations.length === judged.length) throw new Error('The project uses no declarations of the library, or has no files of its own');
const found = [
  ...program.getConfigFileParsingDiagnostics(), ...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics(),
  ...judged.flatMap(file => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]),
];
if (found.length > 0) throw new Error(format(found));
console.log(`${declarations.length} declarations of the library, ${judged.length - declarations.length} files`);
