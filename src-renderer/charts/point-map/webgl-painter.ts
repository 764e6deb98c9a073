import type { PointPainter, PointScene } from './painter.ts'

/**
 * The map in WebGL: a buffer of points a layer, one draw call each. regl and regl-scatterplot would do the same, but
 * regl makes its draw functions from text (`Function(…)`), which the page's content security policy forbids.
 */

const POINT_VERTEX = `#version 300 es
in vec2 place; in vec2 goal; in vec4 colour;
uniform vec2 centre; uniform vec2 scale; uniform float share; uniform float size;
out vec4 shade;
void main() {
  gl_Position = vec4((mix(place, goal, share) - centre) * scale, 0.0, 1.0);
  gl_PointSize = size;
  shade = vec4(colour.rgb * colour.a, colour.a);
}`
// Points of a few pixels are squares: a disc would cost every pixel a distance for nothing that one sees.
const POINT_FRAGMENT = `#version 300 es
precision mediump float;
in vec4 shade; out vec4 pixel;
uniform highp float size;
void main() {
  mediump float cover = size < 3.5 ? 1.0 : clamp((0.5 - length(gl_PointCoord - 0.5)) * size + 0.5, 0.0, 1.0);
  pixel = shade * cover;
}`
const LINE_VERTEX = `#version 300 es
in vec2 place; in vec2 goal;
uniform vec2 centre; uniform vec2 scale; uniform float share;
void main() { gl_Position = vec4((mix(place, goal, share) - centre) * scale, 0.0, 1.0); }`
const LINE_FRAGMENT = `#version 300 es
precision mediump float;
uniform vec3 colour; out vec4 pixel;
void main() { pixel = vec4(colour * 0.55, 0.55); }`

interface Drawn {
  vertices: WebGLVertexArrayObject
  buffers: WebGLBuffer[]
  count: number
  size: number
}

/** Names under which Chromium, Firefox and Mesa give away that no graphics device draws. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i
let software: boolean | undefined

/** True if WebGL is computed by the processor, which takes two to five times as long as writing the pixels by hand. */
function isSoftware(): boolean {
  if (software !== undefined) return software
  const gl = document.createElement('canvas').getContext('webgl2')
  const info = gl?.getExtension('WEBGL_debug_renderer_info')
  software = !!gl && !!info && SOFTWARE.test(String(gl.getParameter(info.UNMASKED_RENDERER_WEBGL)))
  return software
}

/** @returns null where there is no WebGL 2, or none that a graphics device draws */
export function webglPainter(canvas: HTMLCanvasElement): PointPainter | null {
  if (isSoftware()) return null
  const gl = canvas.getContext('webgl2', { antialias: false, alpha: false, depth: false })
  if (!gl) return null
  const points = program(gl, POINT_VERTEX, POINT_FRAGMENT)
  const strokes = program(gl, LINE_VERTEX, LINE_FRAGMENT)
  if (!points || !strokes) return null
  let layers: Drawn[] = []
  let lines: Drawn | null = null
  let scene: PointScene | null = null

  const buffer = (data: Float32Array | Uint8Array, place: number, parts: number): WebGLBuffer => {
    const made = gl.createBuffer()
    gl.bindBuffer(gl.ARRAY_BUFFER, made)
    gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW)
    if (place >= 0) {
      const bytes = data instanceof Uint8Array
      gl.enableVertexAttribArray(place)
      gl.vertexAttribPointer(place, parts, bytes ? gl.UNSIGNED_BYTE : gl.FLOAT, bytes, 0, 0)
    }
    return made
  }
  const upload = (
    owner: WebGLProgram,
    count: number,
    size: number,
    parts: Record<string, Float32Array | Uint8Array>,
  ) => {
    const vertices = gl.createVertexArray()
    gl.bindVertexArray(vertices)
    const buffers = Object.entries(parts).map(([name, data]) =>
      buffer(data, gl.getAttribLocation(owner, name), data instanceof Uint8Array ? 4 : 2),
    )
    gl.bindVertexArray(null)
    return { vertices, buffers, count, size }
  }
  const free = ({ vertices, buffers }: Drawn) => {
    gl.deleteVertexArray(vertices)
    for (const one of buffers) gl.deleteBuffer(one)
  }

  return {
    kind: 'webgl',
    set(next) {
      for (const layer of layers) free(layer)
      if (lines) free(lines)
      scene = next
      layers = next.layers.map(({ xy, to, colour, size }) =>
        upload(points, xy.length / 2, size, { place: xy, goal: to ?? xy, colour }),
      )
      lines = upload(strokes, next.lines.length / 2, 1, { place: next.lines, goal: next.linesTo ?? next.lines })
    },
    draw(view, box, share, ratio) {
      if (!scene) return
      const [width, height] = [Math.round(box.width * ratio), Math.round(box.height * ratio)]
      if (canvas.width !== width) canvas.width = width
      if (canvas.height !== height) canvas.height = height
      gl.viewport(0, 0, width, height)
      const [r, g, b] = scene.ground
      gl.clearColor(r / 255, g / 255, b / 255, 1)
      gl.clear(gl.COLOR_BUFFER_BIT)
      gl.enable(gl.BLEND)
      gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA)
      const place = (owner: WebGLProgram) => {
        // biome-ignore lint/correctness/useHookAtTopLevel: WebGL's useProgram is no hook
        gl.useProgram(owner)
        gl.uniform2f(gl.getUniformLocation(owner, 'centre'), view.x, view.y)
        gl.uniform2f(gl.getUniformLocation(owner, 'scale'), (2 * view.scale) / box.width, (2 * view.scale) / box.height)
        gl.uniform1f(gl.getUniformLocation(owner, 'share'), share)
      }
      const drawPoints = (layer: Drawn) => {
        gl.uniform1f(gl.getUniformLocation(points, 'size'), layer.size * ratio)
        gl.bindVertexArray(layer.vertices)
        gl.drawArrays(gl.POINTS, 0, layer.count)
      }
      const [first, ...rest] = layers
      place(points)
      if (first) drawPoints(first)
      // Strokes lie over the rows and under the codes.
      if (lines && lines.count > 0) {
        place(strokes)
        const [red, green, blue] = scene.lineColour
        gl.uniform3f(gl.getUniformLocation(strokes, 'colour'), red / 255, green / 255, blue / 255)
        gl.bindVertexArray(lines.vertices)
        gl.drawArrays(gl.LINES, 0, lines.count)
        place(points)
      }
      for (const layer of rest) drawPoints(layer)
      gl.bindVertexArray(null)
    },
    destroy() {
      for (const layer of layers) free(layer)
      if (lines) free(lines)
    },
  }
}

/** @returns null if the driver does not take the shaders */
function program(gl: WebGL2RenderingContext, vertex: string, fragment: string): WebGLProgram | null {
  const made = gl.createProgram()
  for (const [type, source] of [
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(type)
    if (!shader) return null
    gl.shaderSource(shader, source)
    gl.compileShader(shader)
    gl.attachShader(made, shader)
    gl.deleteShader(shader)
  }
  gl.linkProgram(made)
  return gl.getProgramParameter(made, gl.LINK_STATUS) ? made : null
}
