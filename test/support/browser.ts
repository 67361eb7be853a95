// A real Chromium for looking at pages, where the machine has one. Whoever uses it says in one line when there is none.
import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'

const PLACES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].filter(
  (place): place is string => place !== undefined,
)

export const CHROMIUM: string | undefined = PLACES.find(place => existsSync(place))

export const openBrowser = (): Promise<Browser> => {
  if (CHROMIUM === undefined) throw new Error('no Chromium on this machine')
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
}

/** What a page said or asked for that it should not have. */
export interface Complaints {
  readonly all: string[]
}

/** A page of a file on disk, with everything noted that goes wrong in it or leaves the machine. */
export async function openFile(
  browser: Browser,
  file: string,
  options: { width?: number; colorScheme?: 'light' | 'dark' } = {},
): Promise<{ page: Page; complaints: Complaints }> {
  const { width = 1000, colorScheme = 'light' } = options
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme })
  const complaints: Complaints = { all: [] }
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.all.push(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', error => complaints.all.push(`error: ${error.message}`))
  page.on('request', request => {
    const url = request.url()
    if (!url.startsWith('data:') && url !== `file://${file}`) complaints.all.push(`request: ${url}`)
  })
  page.on('dialog', dialog => {
    complaints.all.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  await page.goto(`file://${file}`)
  await page.waitForFunction(() => document.querySelectorAll('[data-series]').length === document.querySelectorAll('.live canvas').length)
  return { page, complaints }
}
