/** Folders of src-main from top to bottom: each may import from itself and from those further down. */
const layers = [
  'services',
  'store',
  'jobs',
  'training',
  'multimodal',
  'tokenizers',
  'codebook',
  'language',
  'evaluation',
  'data',
  'engine',
]
/** Programs and their parts, above the layers. */
const programs = '^src-main/(host-electron|host-browser|cli|start)/'
const tests = '\\.test\\.tsx?$'

const layerRules = layers.map((layer, at) => ({
  name: `${layer}-imports-downwards`,
  comment: `${layer} may import from itself, from ${layers.slice(at + 1).join(', ') || 'nothing else'}, and from src-shared`,
  severity: 'error',
  from: { path: `^src-main/${layer}/`, pathNot: tests },
  to: { path: '^(src-main|src-renderer|test)/', pathNot: `^src-main/(${layers.slice(at).join('|')})/` },
}))

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...layerRules,
    {
      name: 'page-stands-alone',
      comment: 'src-main/page is what both hosts serve; it knows nothing of the app behind',
      severity: 'error',
      from: { path: '^src-main/page/' },
      to: { path: '^(src-main|src-renderer)/', pathNot: '^src-main/page/' },
    },
    {
      name: 'shared-imports-shared',
      comment: 'src-shared runs on both sides: no Node, no other folder',
      severity: 'error',
      from: { path: '^src-shared/', pathNot: tests },
      to: { path: '^(src-main|src-renderer|test)/' },
    },
    {
      name: 'shared-without-node',
      severity: 'error',
      from: { path: '^src-shared/', pathNot: tests },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'renderer-imports-shared',
      comment: 'the window talks to src-main through the contract alone',
      severity: 'error',
      from: { path: '^src-renderer/', pathNot: tests },
      to: { path: '^(src-main|test)/' },
    },
    {
      name: 'renderer-without-node',
      severity: 'error',
      from: { path: '^src-renderer/', pathNot: tests },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'electron-in-its-host-only',
      severity: 'error',
      from: { pathNot: '^src-main/host-electron/' },
      to: { path: '(^|/)node_modules/electron/|^electron$' },
    },
    {
      name: 'hosts-do-not-know-each-other',
      severity: 'error',
      from: { path: '^src-main/(host-browser|cli)/' },
      to: { path: '^src-main/host-electron/' },
    },
    {
      name: 'programs-are-imported-by-programs-only',
      severity: 'error',
      from: { path: '^src-main/', pathNot: programs },
      to: { path: programs },
    },
    {
      name: 'main-runs-without-development-packages',
      comment: 'out/main loads its packages from node_modules: what it imports belongs to "dependencies"',
      severity: 'error',
      from: { path: '^src-main/', pathNot: tests },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only'],
        pathNot: '^node_modules/electron/',
      },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      comment: 'a file that nothing imports and that is no program is dead',
      severity: 'error',
      from: { orphan: true, pathNot: [tests, '\\.d\\.ts$', '^src-renderer/main\\.tsx$'] },
      to: {},
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '\\.css$' } },
  ],
  options: {
    // Type imports count as well: a layer must not even know the types above it.
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'module', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'],
    },
  },
}
