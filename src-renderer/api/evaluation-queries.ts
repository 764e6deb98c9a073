import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { QuestionFilter } from '../../src-shared/kept-evaluations.ts'
import { pictureOf } from '../pictures/stored-pictures.ts'
import { api } from './client.ts'

/** What was scored on request: answers to benchmarks, and pictures. */
export const evaluationsQuery = queryOptions({
  queryKey: ['evaluations', 'list'],
  queryFn: () => api.evaluations.list(),
})

export const evaluationQuery = (id: string) =>
  queryOptions({ queryKey: ['evaluations', 'one', id], queryFn: () => api.evaluations.get({ id }), retry: false })

export const questionsQuery = (request: { id: string; which: QuestionFilter; from: number; count: number }) =>
  queryOptions({
    queryKey: ['evaluations', 'questions', request],
    queryFn: () => api.evaluations.questions(request),
    placeholderData: keepPreviousData,
    retry: false,
  })

/** A question's picture, as it is or as a run's model sees it, with its codes; null if it has none. */
export const questionPictureQuery = (request: { id: string; place: number; run: string | null }) =>
  queryOptions({
    queryKey: ['evaluations', 'picture', request],
    queryFn: async () => {
      const found = await api.evaluations.picture(request)
      if (!found) return null
      return { codes: found.codes, pixels: pictureOf(new Uint8Array(await found.file.arrayBuffer()), 'picture') }
    },
    retry: false,
  })
