import { expect, test } from 'vitest'
import { signS3, type S3Request } from './s3-signature.ts'

// The examples of "Signature calculations for the Authorization header" in the reference of Amazon S3.
const access = {
  region: 'us-east-1',
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
}
const at = new Date('2013-05-24T00:00:00Z')
const host = 'https://examplebucket.s3.amazonaws.com'

const examples: [string, S3Request, string][] = [
  [
    'fetching a part of an object',
    { method: 'GET', url: new URL(`${host}/test.txt`), headers: { Range: 'bytes=0-9' } },
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  ],
  [
    'storing an object whose name has a sign that must be written otherwise',
    {
      method: 'PUT',
      url: new URL(`${host}/test%24file.text`),
      headers: {
        Date: 'Fri, 24 May 2013 00:00:00 GMT',
        'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      },
      body: Buffer.from('Welcome to Amazon S3.'),
    },
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  ],
  [
    'a query without a value',
    { method: 'GET', url: new URL(`${host}/?lifecycle`) },
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  ],
  [
    'a list of objects',
    { method: 'GET', url: new URL(`${host}/?max-keys=2&prefix=J`) },
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  ],
]

test.each(examples)('%s is signed as Amazon shows it', (_, request, signature) => {
  expect(signS3(request, access, at).authorization).toMatch(new RegExp(`Signature=${signature}$`))
})
