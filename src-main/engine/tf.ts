/**
 * The one place that imports TensorFlow.js. The umbrella package is needed for its gradient registry
 * (tfjs-core alone ships none that Node can load).
 */
import * as tf from '@tensorflow/tfjs'

tf.env().set('PROD', true)

export { tf }
export type Tensor = tf.Tensor
export type { DataId, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs'
