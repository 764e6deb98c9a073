import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { RunDetail } from '../../src-shared/contract/runs.ts'
import type { Pixels } from '../pictures/PictureTile.tsx'
import { pictureOf, picturesOf } from '../pictures/stored-pictures.ts'
import { api } from './client.ts'

/** What the window reads of a run's second stage. Answers of a model are kept by the checkpoint that gave them. */

const newest = ({ id, checkpointSteps }: RunDetail) => [id, checkpointSteps.at(-1) ?? 0]

export const abilitiesQuery = (run: RunDetail) =>
  queryOptions({
    queryKey: ['multimodal', 'abilities', ...newest(run)],
    queryFn: () => api.multimodal.abilities({ id: run.id }),
    placeholderData: keepPreviousData,
    retry: false,
  })

/** One picture of a run to choose. */
export interface RunPicture {
  picture: number
  caption: string
  label: string
  pixels: Pixels
}

export type Side = 'training' | 'heldOut'

/** Pictures of a run with their captions, a page of them. */
export const runPicturesQuery = (request: { id: string; side: Side; from: number; count: number; search: string }) =>
  queryOptions({
    queryKey: ['multimodal', 'pictures', request],
    queryFn: async () => {
      const { total, pictures, file } = await api.multimodal.pictures(request)
      const pixels = pictures.length > 0 ? picturesOf(new Uint8Array(await file.arrayBuffer()), 'pictures') : []
      return {
        total,
        pictures: pictures.flatMap((one, at): RunPicture[] => (pixels[at] ? [{ ...one, pixels: pixels[at] }] : [])),
      }
    },
    placeholderData: keepPreviousData,
    retry: false,
  })
/** Codes of a picture, layer by layer. */
export const encodedQuery = (id: string, picture: number | null) =>
  queryOptions({
    queryKey: ['multimodal', 'encoded', id, picture],
    queryFn: () => api.multimodal.encode({ id, picture: picture as number }),
    enabled: picture !== null,
    retry: false,
  })

/** The picture that codes decode to. */
export const decodedPicture = async (id: string, codes: number[][]) =>
  pictureOf(new Uint8Array(await (await api.multimodal.decode({ id, codes })).arrayBuffer()), 'picture')

/** What a run's model said to held-out questions. */
export const answersQuery = (id: string, step: number | null) =>
  queryOptions({
    queryKey: ['answers', id, step],
    queryFn: () => api.runs.answers({ id, step: step as number }),
    enabled: step !== null,
    placeholderData: keepPreviousData,
  })

export const dialoguesQuery = (request: Parameters<typeof api.multimodal.dialogues>[0]) =>
  queryOptions({
    queryKey: ['multimodal', 'dialogues', request],
    queryFn: async () => {
      const { file, ...told } = await api.multimodal.dialogues(request)
      const bytes = new Uint8Array(await file.arrayBuffer())
      const shows = told.dialogues.some(({ pictures }) => pictures.length > 0)
      return { ...told, pictures: shows ? picturesOf(bytes, 'pictures') : [] }
    },
    placeholderData: keepPreviousData,
    retry: false,
  })

export const decompressionQuery = (run: RunDetail, picture: number | null) =>
  queryOptions({
    queryKey: ['multimodal', 'decompression', ...newest(run), picture],
    queryFn: async () => {
      const { file, ...told } = await api.multimodal.decompress({ id: run.id, picture: picture as number })
      const bytes = new Uint8Array(await file.arrayBuffer())
      return {
        ...told,
        pictures: {
          input: pictureOf(bytes, 'input'),
          truth: pictureOf(bytes, 'truth'),
          teacherForced: pictureOf(bytes, 'teacherForced'),
          freeRunning: pictureOf(bytes, 'freeRunning'),
        },
      }
    },
    enabled: picture !== null,
    placeholderData: keepPreviousData,
    retry: false,
  })
