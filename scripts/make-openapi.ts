import { api } from '../contract/api.ts'
import { createOpenApi } from '../server/http/openapi.ts'
import { version } from '../server/version.ts'

/** Prints the description of the API, as a server at the root of its address gives it out. */
process.stdout.write(`${JSON.stringify(createOpenApi({ api, basePath: '', version }), null, 2)}\n`)
