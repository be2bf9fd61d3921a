import { createHash, createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A bucket in memory that speaks enough of S3, and checks every signature by what it received. */
export interface TestS3 {
  readonly endpoint: string
  readonly objects: Map<string, Buffer>
  /** Uploads in parts that were neither put together nor given up. */
  openUploads(): number
  /** Answers the next request with an error. */
  failNext(status: number, code: string): void
  stop(): Promise<void>
}

export const s3Access = {
  region: 'eu-central-1',
  accessKeyId: 'AKIATESTBED',
  secretAccessKey: 'only-of-the-testbed',
}

export async function startS3(bucket: string): Promise<TestS3> {
  const objects = new Map<string, Buffer>()
  const uploads = new Map<string, Map<number, Buffer>>()
  let failure: { status: number; code: string } | null = null
  let count = 0

  const server = createServer((request, response) => void answer(request, response))

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const body = Buffer.concat(parts)
    const say = (status: number, text: string | Buffer = '', headers: Record<string, string> = {}) =>
      response.writeHead(status, headers).end(text)
    const refuse = (status: number, code: string) => say(status, `<Error><Code>${code}</Code></Error>`)
    if (failure) {
      const { status, code } = failure
      failure = null
      return void refuse(status, code)
    }
    if (!isSigned(request, body)) return void refuse(403, 'SignatureDoesNotMatch')
    const url = new URL(request.url ?? '/', 'http://s3.test')
    const [, name, ...rest] = url.pathname.split('/')
    if (name !== bucket) return void refuse(404, 'NoSuchBucket')
    const key = decodeURIComponent(rest.join('/'))
    const uploadId = url.searchParams.get('uploadId')
    const upload = uploadId === null ? undefined : uploads.get(uploadId)
    if (uploadId !== null && !upload) return void refuse(404, 'NoSuchUpload')

    if (request.method === 'GET' && key === '') {
      const prefix = url.searchParams.get('prefix') ?? ''
      const names = [...objects.keys()].filter((one) => one.startsWith(prefix)).sort()
      const after = Number(url.searchParams.get('continuation-token') ?? 0)
      // Short pages, so that every caller has to turn one.
      const page = names.slice(after, after + 2)
      const next =
        after + 2 < names.length ? `<NextContinuationToken>${after + 2}</NextContinuationToken>` : ''
      const listed = page.map((one) => `<Contents><Key>${one}</Key></Contents>`).join('')
      return void say(200, `<ListBucketResult>${listed}${next}</ListBucketResult>`)
    }
    if (request.method === 'GET') {
      const found = objects.get(key)
      if (!found) return void refuse(404, 'NoSuchKey')
      const [, from = '0', to = ''] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
      const part = found.subarray(Number(from), Number(to) + 1)
      const range = `bytes ${from}-${Number(from) + part.length - 1}/${found.length}`
      return void say(206, part, { 'content-range': range })
    }
    if (request.method === 'POST' && url.searchParams.has('uploads')) {
      const id = `upload-${++count}`
      uploads.set(id, new Map())
      return void say(200, `<R><UploadId>${id}</UploadId></R>`)
    }
    if (request.method === 'PUT' && upload) {
      upload.set(Number(url.searchParams.get('partNumber')), body)
      return void say(200, '', { etag: `"${createHash('md5').update(body).digest('hex')}"` })
    }
    if (request.method === 'POST' && upload && uploadId !== null) {
      const wanted = [
        ...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>("[0-9a-f]{32}")<\/ETag>/g),
      ]
      if (wanted.length !== upload.size) return void refuse(400, 'InvalidPart')
      objects.set(key, Buffer.concat(wanted.map(([, at]) => upload.get(Number(at)) ?? Buffer.alloc(0))))
      uploads.delete(uploadId)
      return void say(200, '<CompleteMultipartUploadResult/>')
    }
    if (request.method === 'PUT') {
      objects.set(key, body)
      return void say(200)
    }
    if (request.method === 'DELETE') {
      if (uploadId !== null) uploads.delete(uploadId)
      else objects.delete(key)
      return void say(204)
    }
    refuse(405, 'MethodNotAllowed')
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    openUploads: () => uploads.size,
    failNext: (status, code) => {
      failure = { status, code }
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** Signature Version 4 from the other side: from what arrived, not from what was meant. */
function isSigned({ method, url = '/', headers }: IncomingMessage, body: Buffer): boolean {
  const [, key = '', day = '', region = '', names = '', signature = ''] =
    /Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})/.exec(
      headers.authorization ?? '',
    ) ?? []
  if (key !== s3Access.accessKeyId || region !== s3Access.region) return false
  const hash = (text: string | Buffer) => createHash('sha256').update(text).digest('hex')
  if (headers['x-amz-content-sha256'] !== hash(body)) return false
  const [path = '', query = ''] = url.split('?')
  const lines = names.split(';').map((name) => `${name}:${String(headers[name] ?? '').trim()}\n`)
  const sorted = query.split('&').sort().join('&')
  const canonical = `${method}\n${path}\n${sorted}\n${lines.join('')}\n${names}\n${hash(body)}`
  const text = `AWS4-HMAC-SHA256\n${String(headers['x-amz-date'])}\n${day}/${region}/s3/aws4_request\n${hash(canonical)}`
  let secret: string | Buffer = `AWS4${s3Access.secretAccessKey}`
  for (const part of [day, region, 's3', 'aws4_request'])
    secret = createHmac('sha256', secret).update(part).digest()
  return createHmac('sha256', secret).update(text).digest('hex') === signature
}
