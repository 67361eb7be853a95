import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { claimFolder, listedIn, writeFolder, writeWhole } from '../../src/run/output.js'
import { OutputError } from '../../src/run/run-error.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vxlane-output-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const file = (name: string, text: string) => ({ name, bytes: Buffer.from(text) })

describe('a result folder', () => {
  it('is made where there is none', () => {
    claimFolder(join(folder, 'a', 'b'), [], false)
    expect(readdirSync(join(folder, 'a', 'b'))).toEqual([])
  })

  it('is never overwritten unless asked for', () => {
    writeFileSync(join(folder, 'thesis.txt'), 'mine')
    expect(() => claimFolder(folder, [], false)).toThrow(OutputError)
    expect(() => claimFolder(folder, [], false)).toThrow('is not empty; add --force')
    claimFolder(folder, [], true)
    writeFolder(folder, [file('result.json', '{}')])
    expect(readFileSync(join(folder, 'thesis.txt'), 'utf8')).toBe('mine')
  })

  it('is not a file', () => {
    writeFileSync(join(folder, 'x'), '')
    expect(() => claimFolder(join(folder, 'x'), [], true)).toThrow('is a file')
    const inside = join(folder, 'x', 'y')
    expect(() => claimFolder(inside, [], true)).toThrow(
      new OutputError(`cannot write to ${inside}: a file stands in the place of a folder`),
    )
  })

  it('lists its files with sizes and digests, and has no half files', () => {
    writeFolder(folder, [file('result.json', '{}'), file('captures/a.pcapng', 'abc')])
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual(['captures', 'captures/a.pcapng', 'manifest.json', 'result.json'])
    const { files } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))
    expect(files[1]).toEqual({ name: 'captures/a.pcapng', bytes: 3, sha256: createHash('sha256').update('abc').digest('hex') })
    expect(listedIn(folder)).toEqual(['result.json', 'captures/a.pcapng'])
  })

  it('forgets what an earlier run left, and only that', () => {
    writeFolder(folder, [file('result.json', '1'), file('old.pcapng', 'x')])
    writeFileSync(join(folder, 'notes'), '')
    writeFolder(folder, [file('result.json', '2')])
    expect(readdirSync(folder).sort()).toEqual(['manifest.json', 'notes', 'result.json'])
  })

  it('does not believe a manifest that points elsewhere', () => {
    const outside = `${folder}-outside`
    writeFileSync(outside, '')
    mkdirSync(join(folder, 'in'))
    writeFileSync(
      join(folder, 'in', 'manifest.json'),
      JSON.stringify({ files: [{ name: `../../${outside.split('/').at(-1)}` }, { name: outside }, { name: 7 }] }),
    )
    writeFolder(join(folder, 'in'), [])
    expect(existsSync(outside)).toBe(true)
    rmSync(outside)
  })

  it.each(['../up.pcapng', '/etc/x', 'a/../../b', '.'])('takes no capture %s from a scenario', name => {
    expect(() => claimFolder(folder, [name], true)).toThrow('lies outside of the result folder')
  })

  it.each(['result.json', './manifest.json'])('takes no capture named %s', name => {
    expect(() => claimFolder(folder, [name], true)).toThrow('has the name of a file of the results')
  })
})

describe('a file of its own', () => {
  const fifo = (): string => {
    const path = join(folder, 'fifo')
    expect(spawnSync('mkfifo', [path]).status).toBe(0)
    return path
  }

  it('replaces a file, and leaves nothing beside it', () => {
    for (const text of ['a longer one', 'b']) writeWhole(join(folder, 'in', 'x'), Buffer.from(text))
    expect([readFileSync(join(folder, 'in', 'x'), 'utf8'), readdirSync(join(folder, 'in'))]).toEqual(['b', ['x']])
  })

  it('never stands in the place of a pipe or a device', async () => {
    const path = fifo()
    const reader = spawn('cat', [path])
    let read = ''
    reader.stdout.on('data', data => {
      read += data
    })
    const ended = new Promise(resolve => reader.on('close', resolve))
    writeWhole(path, Buffer.from('whole'))
    await ended
    expect([read, lstatSync(path).isFIFO(), readdirSync(folder)]).toEqual(['whole', true, ['fifo']])
  })

  it('stands where a link points', () => {
    writeFileSync(join(folder, 'target'), 'old')
    symlinkSync('target', join(folder, 'link'))
    writeWhole(join(folder, 'link'), Buffer.from('new'))
    expect(readFileSync(join(folder, 'target'), 'utf8')).toBe('new')
    expect([lstatSync(join(folder, 'link')).isSymbolicLink(), readdirSync(folder)]).toEqual([true, ['link', 'target']])
  })

  it('is no folder', () => {
    expect(() => writeWhole(folder, Buffer.of())).toThrow(new OutputError(`cannot write ${folder}: a folder stands in its place`))
    expect(readdirSync(tmpdir()).filter(name => name.startsWith(`${basename(folder)}.`))).toEqual([])
  })
})
