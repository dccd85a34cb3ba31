// panva's jose on the other side: reads what we made, and makes what we must read.
//
//   node peer.mjs < ours.json > theirs.json
import { readFileSync } from 'node:fs'
import * as jose from 'jose'

// What this library has no name for, or this version of Node.js no primitive.
const LACKS = {
  alg: [/^ES256K$/, /^Ed448$/, /^ML-DSA/, /^RSA1_5$/, /^ECDH-1PU/],
  enc: [/^C20P$/, /^XC20P$/],
  crv: [/^X448$/, /^Ed448$/],
}

const lacks = ({ alg, enc, key }) =>
  LACKS.alg.some((pattern) => pattern.test(alg)) ||
  LACKS.enc.some((pattern) => pattern.test(enc ?? '')) ||
  LACKS.crv.some((pattern) => pattern.test(key.crv ?? ''))

const publicHalf = ({ d, p, q, dp, dq, qi, ...rest }) => rest
const bytes = (text) => jose.base64url.decode(text)

async function keys({ alg, enc, key }) {
  const { alg: _, use: __, ...bare } = key
  if (alg.startsWith('PBES2') || alg === 'dir') return [bytes(key.k), bytes(key.k)]
  return [await jose.importJWK(bare, alg), await jose.importJWK(publicHalf(bare), alg)]
}

const cases = JSON.parse(readFileSync(0, 'utf8'))
const theirs = []
let skipped = 0
for (const ours of cases) {
  const name = `${ours.alg} ${ours.enc ?? ''} ${ours.key.crv ?? ''}`
  if (lacks(ours)) {
    skipped += 1
    continue
  }
  try {
    const { alg, enc, message } = ours
    const payload = bytes(ours.payload)
    const [privateKey, publicKey] = await keys(ours)
    if (enc === undefined) {
      const read = await jose.compactVerify(message, publicKey, { algorithms: [alg] })
      if (Buffer.compare(read.payload, payload) !== 0) throw new Error('another payload')
      const made = await new jose.CompactSign(payload).setProtectedHeader({ alg }).sign(privateKey)
      theirs.push({ ...ours, message: made })
    } else {
      const read = await jose.compactDecrypt(message, privateKey, { keyManagementAlgorithms: [alg], maxPBES2Count: 1_000_000 })
      if (Buffer.compare(read.plaintext, payload) !== 0) throw new Error('another plaintext')
      const made = await new jose.CompactEncrypt(payload)
        .setProtectedHeader({ alg, enc, ...(ours.zip && { zip: ours.zip }) })
        .encrypt(publicKey)
      theirs.push({ ...ours, message: made })
    }
  } catch (problem) {
    console.error(`jose can't do ${name}: ${problem.stack}`)
    process.exit(1)
  }
}
console.error(`jose: ${theirs.length} cases both ways, ${skipped} that it does not know`)
console.log(JSON.stringify(theirs))
