import { pack } from 'tar-stream'

/** A tar as another program writes it. Long names become pax attributes. */
export async function encodeTar(
  members: readonly (readonly [name: string, content: string | Uint8Array])[],
): Promise<Buffer> {
  const tar = pack()
  const chunks: Buffer[] = []
  const read = (async () => {
    for await (const chunk of tar) chunks.push(chunk as Buffer)
  })()
  for (const [name, content] of members)
    await new Promise<void>((resolve, reject) =>
      tar.entry({ name, mtime: new Date(0) }, Buffer.from(content), (error) => (error ? reject(error) : resolve())),
    )
  tar.finalize()
  await read
  return Buffer.concat(chunks)
}

/** One header block of a tar with the right check sum. @param size text of its size field */
export function tarHeader(name: string, size: string | Buffer, kind = '0'): Buffer {
  const block = Buffer.alloc(512)
  block.write(name, 0, 100)
  block.write('0000644\0', 100)
  if (typeof size === 'string') block.write(size, 124)
  else size.copy(block, 124)
  block.write('        ', 148)
  block.write(kind, 156)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}
