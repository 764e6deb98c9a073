import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodePng } from '../../../src-main/data/png.ts'
import { measureFeatures } from '../../../src-main/evaluation/images/feature-set.ts'
import { openFolderGallery } from '../../../src-main/evaluation/images/gallery.ts'
import { mobileNetExtractor } from '../../../src-main/evaluation/images/mobilenet-extractor.ts'
import { hashedValues } from '../hashed-values.ts'
import { givenOptions, serve, timed } from '../serve.ts'
import type { ImageFeaturesShape } from '../shapes.ts'
import { openRuntime, type RuntimeOptions } from './runtime.ts'

const options = givenOptions<ImageFeaturesShape & RuntimeOptions>()
const { pictures, side } = options
const { runtime, version } = openRuntime(options)
const folder = mkdtempSync(join(tmpdir(), 'bench-pictures-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

/** A few waves of colour and some noise: as hard to unpack as a drawing. */
function drawn(at: number): Uint8Array {
  const noise = hashedValues(`picture ${at}`, side * side * 3, 20)
  return Uint8Array.from(noise, (value, place) => {
    const [x, y] = [Math.floor(place / 3) % side, Math.floor(place / 3 / side)]
    return 128 + 90 * Math.sin((x * ((at % 7) + 1) + y * ((at % 5) + (place % 3))) / side) + value
  })
}
for (let at = 0; at < pictures; at++) writeFileSync(join(folder, `${at}.png`), await encodePng(drawn(at), side, side))

const gallery = await openFolderGallery(folder, null)
const extractor = mobileNetExtractor(runtime)
const watch = { onProgress: () => {}, signal: new AbortController().signal }
const { ms: compileMs } = await timed(async () => extractor.run([extractor.prepare(await gallery.read(0))]))

await serve(
  { ready: version, compileMs },
  async () => {
    const { ms, result } = await timed(() => measureFeatures(gallery, extractor, { seed: 0, what: 'pictures', watch }))
    return { ms, value: result.statistics.mean[0] as number }
  },
  { end: () => extractor.dispose() },
)
