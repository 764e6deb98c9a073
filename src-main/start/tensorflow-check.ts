import { loadTensorflow, TF_ATTRIBUTE, TF_TYPE } from '../engine/tensorflow/addon.ts'

/** `tensorflow-check <addon>`: loads the addon, squares a matrix and prints what came out as a line of JSON. */
const [addon = ''] = process.argv.slice(2)
const tensorflow = loadTensorflow({ addon, tensorflow: '', tfjsNode: '', python: '', gpu: false }, 0)
const matrix = tensorflow.createTensor([2, 2], TF_TYPE.float32, Float32Array.of(1, 2, 3, 4))
const attributes = [
  { name: 'T', type: TF_ATTRIBUTE.type, value: TF_TYPE.float32 },
  { name: 'transpose_a', type: TF_ATTRIBUTE.boolean, value: false },
  { name: 'transpose_b', type: TF_ATTRIBUTE.boolean, value: false },
]
const [square] = tensorflow.executeOp('MatMul', attributes, [matrix, matrix], 1)
const product = square ? [...tensorflow.tensorDataSync(square.id)] : []
console.log(JSON.stringify({ version: tensorflow.TF_Version, gpu: tensorflow.isUsingGpuDevice(), product }))
