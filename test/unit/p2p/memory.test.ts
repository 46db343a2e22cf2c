import { transportSuite } from '../../support/transportSuite.ts'
import { memoryCluster } from '../../support/transports.ts'

transportSuite('in memory', memoryCluster)
