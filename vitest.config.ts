import { defineConfig } from 'vitest/config'

/** Unit, parity and fault tests. The end-to-end tests have their own line in test/run.ts: they need the build. */
export default defineConfig({
  test: {
    include: ['src-*/**/*.test.{ts,tsx}', 'test/{parity,faults}/**/*.test.ts'],
    environment: 'node',
    pool: 'forks',
    testTimeout: 30_000,
    restoreMocks: true,
  },
})
