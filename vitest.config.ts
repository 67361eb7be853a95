import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// Tests name the sources but run what is shipped: every import of src/, workers/ or bench/ resolves to the compiled file in
// dist/, so worker threads and tests share one build and no loader runs inside a thread. `npm test` compiles first.
const dist = fileURLToPath(new URL('./dist/', import.meta.url))

export default defineConfig({
  resolve: { alias: [{ find: /^(?:\.\.\/)+(src|workers|bench)\//, replacement: `${dist}$1/` }] },
  test: { include: ['test/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000, maxWorkers: 2, pool: 'forks' },
})
