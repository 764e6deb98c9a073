import { expect, it } from 'vitest'
import { openCommand } from './open-browser.ts'
import { browserHostOptions } from './options.ts'

it('reads home, port and whether to open the browser', () => {
  expect(browserHostOptions(['--home', '/h', '--port', '0', '--open'])).toEqual({ home: '/h', port: 0, open: true })
  expect(browserHostOptions([])).toEqual({ home: undefined, port: undefined, open: false })
})

it.each(['abc', '-1', '65536', '80.5', ''])('refuses --port=%s, naming it', (port) => {
  expect(() => browserHostOptions([`--port=${port}`])).toThrow(`--port ${port}: must be a whole number`)
})

it('refuses options that it does not know', () => {
  expect(() => browserHostOptions(['--prot', '1'])).toThrow('--prot')
})

it("opens an address with each system's own command, and with none where there is no desktop", () => {
  const address = 'http://127.0.0.1:1/?token=a&b'
  expect(openCommand(address, 'darwin', {})).toEqual({ file: 'open', args: [address] })
  expect(openCommand(address, 'win32', {})?.args.at(-1)).toBe(address)
  expect(openCommand(address, 'linux', { DISPLAY: ':0' })).toEqual({ file: 'xdg-open', args: [address] })
  expect(openCommand(address, 'linux', {})).toBeNull()
})
