// Decides IAM requests, all of them in one run: JSON on stdin, JSON on stdout.
//
// in:  { documents: { name: policy },
//        requests: [{ principal, action, resource, account, context,
//                     identity: [names of documents], policy: name or null }] }
// out: [ "Allowed" | "ImplicitlyDenied" | "ExplicitlyDenied" ], in the order of the requests.
//
// Run in the folder that has node_modules: the libraries are not beside this file.
// What cannot be decided exactly ends the process with an error, never in a decision.

import { createRequire } from 'node:module'
import { text } from 'node:stream/consumers'

const require = createRequire(`${process.cwd()}/`)
const { createValidatedPolicy, validateIdentityPolicy, validateResourcePolicy } = require('@cloud-copilot/iam-policy')
const { runSimulation } = require('@cloud-copilot/iam-simulate')

const { documents, requests } = JSON.parse(await text(process.stdin))

// Each is validated once: most of the time would go there.
function validated(validate) {
  const known = new Map()
  return (name) => {
    if (!Object.hasOwn(documents, name)) throw new Error(`no document ${name}`)
    if (!known.has(name)) known.set(name, createValidatedPolicy(documents[name], validate, { name }))
    return known.get(name)
  }
}
const identityPolicy = validated(validateIdentityPolicy)
const resourcePolicy = validated(validateResourcePolicy)

async function decide(request) {
  const { principal, action, resource, account, context, identity, policy } = request
  const said = JSON.stringify({ principal, action, resource, context })
  // A wildcard in what is asked for would be allowed by any narrower pattern.
  if (/[*?]/.test(resource) && resource !== '*') throw new Error(`a wildcard is asked for: ${said}`)
  const result = await runSimulation(
    {
      request: { principal, action, resource: { resource, accountId: account }, contextVariables: context },
      identityPolicies: identity.map((name) => ({ name, policy: identityPolicy(name) })),
      resourcePolicy: policy === null ? undefined : resourcePolicy(policy),
      serviceControlPolicies: [],
      resourceControlPolicies: []
    },
    { simulationMode: 'Strict' }
  )
  if (result.resultType !== 'single') {
    throw new Error(`${JSON.stringify(result.errors ?? result.resultType)}: ${said}`)
  }
  // A key that the action does not have would be dropped without a word.
  const { ignoredContextKeys } = result.result
  if (ignoredContextKeys.length > 0) throw new Error(`${action} has no ${ignoredContextKeys}: ${said}`)
  return result.overallResult
}

const decisions = []
for (const request of requests) decisions.push(await decide(request))
process.stdout.write(JSON.stringify(decisions))
