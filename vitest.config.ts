import { defineConfig } from 'vitest/config'
import { tensorflowFolder } from './src-main/engine/tensorflow/installation.ts'
import { homeFolder } from './src-main/start/home.ts'

/** `vitest run --project unit` and so on; test/run.ts runs them all in turn. */
export default defineConfig({
  test: {
    environment: 'node',
    // Where TensorFlow is set up, all tests of what runtimes compute run on it as well.
    env: { UNICODE_WORKBENCH_TENSORFLOW: tensorflowFolder(homeFolder(undefined)) },
    pool: 'forks',
    restoreMocks: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src-*/**/*.test.{ts,tsx}', 'test/*.test.ts', 'test/bench/*.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: { name: 'parity', include: ['test/parity/**/*.test.ts'], testTimeout: 120_000 },
      },
      {
        // Each of these starts training processes of its own.
        extends: true,
        test: { name: 'faults', include: ['test/faults/**/*.test.ts'], testTimeout: 300_000, fileParallelism: false },
      },
      {
        // Takes gigabytes of memory and disk; `npm run check:heavy`, not part of `npm test`.
        extends: true,
        test: { name: 'heavy', include: ['test/heavy/**/*.test.ts'], testTimeout: 600_000, fileParallelism: false },
      },
      {
        // The real app; built first if anything has changed.
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.e2e.ts'],
          globalSetup: ['test/e2e/build.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
