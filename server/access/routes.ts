import type { accessApi } from '../../contract/access.ts'
import type { Handlers } from '../lib/routes.ts'
import type { Access } from './access.ts'

export function createAccessRoutes(access: Access): Handlers<typeof accessApi> {
  return {
    access: {
      get: ({ params }) => access.get(params.id),
      enrol: ({ body }) => access.enrol(body),
    },
  }
}
