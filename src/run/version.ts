// The program's own version, as its package states it; results name it, because it is part of what produced them.
import { readFileSync } from 'node:fs'

/** Version of this package. */
export const VERSION: string = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')).version
