import { EIGEN_SPEC_VERSION } from '../../metrics/eigen.ts'
import type { Address } from '../../util/hex.ts'
import type { Log } from '../../util/log.ts'
import { VERSION } from '../../util/version.ts'
import { type EigenStandingOf, eigenStanding } from '../eigen/standing.ts'
import type { ApiRequest, ApiRoute, Reply } from './router.ts'

const NODE_NAME = 'Lariat'
/** Values of `?version=`: the specification writes its own version with a v, and the parameter without. */
const VERSIONS: readonly string[] = [EIGEN_SPEC_VERSION, EIGEN_SPEC_VERSION.slice(1)]

const HEALTH_STATUS = { healthy: 200, partial: 206, unhealthy: 503 } as const
const SERVICE_STATUS = { Up: 200, Initializing: 206, Down: 503 } as const

export interface EigenApiOf extends Omit<EigenStandingOf, 'services'> {
  readonly services: readonly { readonly name: string; readonly contract: Address }[]
  readonly chainId: number
  readonly log: Log
}

/** The HTTP API of EigenLayer's AVS node specification v0.0.1: `/eigen/node…` (docs/node-api.md). */
export function eigenRoutes({ checks, phases, services, chainId, log }: EigenApiOf): ApiRoute[] {
  const standing = () => eigenStanding({ checks, phases, services: services.map(({ name }) => name) })

  /** A route that knows the specification's versions and its form of errors. */
  function route(path: string, answer: (request: ApiRequest) => Reply): ApiRoute {
    return {
      path,
      handle(request) {
        const asked = request.query.getAll('version')
        if (!asked.every((version) => VERSIONS.includes(version))) return message(404, 'API version not found')
        try {
          return answer(request)
        } catch (error) {
          log.error('the node API could not answer', { route: path, error })
          return message(500, 'Internal server error')
        }
      },
    }
  }

  return [
    route('/eigen/node', () => ({
      status: 200,
      body: { node_name: NODE_NAME, spec_version: EIGEN_SPEC_VERSION, node_version: `v${VERSION}` },
    })),
    route('/eigen/node/health', () => ({ status: HEALTH_STATUS[standing().node], empty: true })),
    route('/eigen/node/services', () => {
      const { services: statuses } = standing()
      return {
        status: 200,
        body: {
          services: services.map(({ name, contract }) => ({
            id: name,
            name,
            description: `AVS with ServiceManager ${contract} on chain ${chainId}`,
            status: statuses.get(name),
          })),
        },
      }
    }),
    route('/eigen/node/services/{id}/health', ({ params: { id = '' } }) => {
      const status = standing().services.get(id)
      return status === undefined ? message(404, 'Service not found') : { status: SERVICE_STATUS[status], empty: true }
    }),
  ]
}

function message(status: number, text: string): Reply {
  return { status, body: { message: text } }
}
