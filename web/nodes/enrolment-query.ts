import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { EnrolmentWish } from '../../contract/access.ts'
import type { NodeId } from '../../contract/ids.ts'
import { api } from '../lib/api.ts'
import { query } from '../lib/query.ts'

/** What a node lets this server do. */
export const accessQuery = (id: NodeId) => query(['nodes', 'access'], api.access.get, { params: { id } })

/** The block for a wish. It is only written, so it can be asked for as often as the wish changes. */
export const enrolmentQuery = (wish: EnrolmentWish) =>
  queryOptions({
    ...query(['enrolment', 'block'], api.access.enrol, { body: wish }),
    placeholderData: keepPreviousData,
  })
