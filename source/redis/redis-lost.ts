/** Redis is out of reach. `wasSent`: the command may have run although its answer is lost; otherwise it surely has not. */
export class RedisLost extends Error {
	readonly wasSent: boolean;

	constructor(wasSent: boolean, cause?: unknown) {
		super(wasSent ? 'The connection to Redis was lost before the answer came.' : 'Redis cannot be reached at the moment.', {cause});
		this.name = 'RedisLost';
		this.wasSent = wasSent;
	}
}
