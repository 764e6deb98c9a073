/**
 * Pictures as histograms of their codes: a column for each code of each layer that any of the pictures has, in it the share
 * of the layer's places that it takes. What is left of a picture is which codes it has, not where.
 * @param maps per layer [count · side²], any numbers
 * @returns features [count, width], each row summing to the number of layers
 */
export function codeHistograms(
  maps: readonly Int32Array[],
  sides: readonly number[],
  count: number,
): { features: Float32Array; width: number } {
  const columns = maps.map((map) => new Map([...new Set(map)].sort((a, b) => a - b).map((code, at) => [code, at])))
  const width = columns.reduce((sum, { size }) => sum + size, 0)
  const features = new Float32Array(count * width)
  let first = 0
  for (const [layer, map] of maps.entries()) {
    const area = (sides[layer] as number) ** 2
    const column = columns[layer] as Map<number, number>
    for (const [at, code] of map.entries()) {
      const place = Math.floor(at / area) * width + first + (column.get(code) as number)
      features[place] = (features[place] as number) + 1 / area
    }
    first += column.size
  }
  return { features, width }
}

/**
 * Pictures as their pixels, averaged over squares to at most `most` a side, without the mean picture of the first `references`:
 * most pictures of a set have their background in common, which would make all of them look alike.
 * @param pixels U8 [count, side, side, 3]
 * @returns features [count, width], values of −1 to 1
 */
export function pixelFeatures(
  pixels: Uint8Array,
  side: number,
  references: number,
  most = 32,
): { features: Float32Array; width: number } {
  const size = side * side * 3
  const count = pixels.length / size
  // The smallest divisor of the side that brings it down to `most`.
  let factor = Math.max(1, Math.ceil(side / most))
  while (side % factor !== 0) factor++
  const small = side / factor
  const width = small * small * 3
  const features = new Float32Array(count * width)
  for (let picture = 0; picture < count; picture++)
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++)
        for (let channel = 0; channel < 3; channel++) {
          const to = picture * width + (Math.floor(y / factor) * small + Math.floor(x / factor)) * 3 + channel
          const value = pixels[picture * size + (y * side + x) * 3 + channel] as number
          features[to] = (features[to] as number) + value / (255 * factor * factor)
        }
  for (let column = 0; column < width; column++) {
    let mean = 0
    for (let row = 0; row < references; row++) mean += (features[row * width + column] as number) / references
    for (let row = 0; row < count; row++)
      features[row * width + column] = (features[row * width + column] as number) - mean
  }
  return { features, width }
}
