import { transportSuite } from '../../support/transportSuite.ts'
import { libp2pCluster } from '../../support/transports.ts'

transportSuite('libp2p over TCP', libp2pCluster)
