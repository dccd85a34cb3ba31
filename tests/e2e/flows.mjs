// The client under test: the example `flows`, told what to do, with a person who opens what it asks to have opened.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** The program: built by the test command, or named by AUTHMINT_FLOWS. */
const program = process.env.AUTHMINT_FLOWS

/** Why the tests with it can't be run here, or false. */
export const skip = program ? false : 'NOT RUN: needs AUTHMINT_FLOWS, the example `flows`'

/** Starts the client; `does` runs one step and returns what it answers. */
export function startFlows(t) {
  const child = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.after(() => child.kill())
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async () => {
    const { value, done } = await lines.next()
    assert.ok(!done, 'the client ended')
    return JSON.parse(value)
  }
  /** `open` gets the address, and gives the query or the form that comes back. */
  return async function does(step, open) {
    child.stdin.write(`${JSON.stringify(step)}\n`)
    let said = await answer()
    if ('open' in said) {
      let back
      try {
        back = await open(said.open, said)
      } catch (error) {
        console.error(error.message)
        back = 'error=the_person_got_stuck'
      }
      child.stdin.write(`${back}\n`)
      said = await answer()
    }
    return said
  }
}
