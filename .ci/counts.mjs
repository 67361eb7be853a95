// Prints `N passed, N failed, N skipped` from vitest's JSON report. What failed before any test could run counts as one failure.
import { readFileSync } from 'node:fs'

const [report, status] = process.argv.slice(2)
const text = readFileSync(report, 'utf8')
const counts = { passed: 0, failed: 0, skipped: 0 }
if (text !== '') {
  for (const file of JSON.parse(text).testResults) {
    for (const test of file.assertionResults) counts[test.status === 'passed' || test.status === 'failed' ? test.status : 'skipped']++
    if (file.status === 'failed' && !file.assertionResults.some(test => test.status === 'failed')) counts.failed++
  }
}
if (status !== '0' && counts.failed === 0) counts.failed = 1
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
