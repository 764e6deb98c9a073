/** What ours can compute with; apart from the runtimes themselves, so that the bench need not load them. */
export const runtimeNames = ['onnx', 'tensorflow', 'tensorflow-eager'] as const
export type RuntimeName = (typeof runtimeNames)[number]
