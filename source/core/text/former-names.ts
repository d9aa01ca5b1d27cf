/**
 * Words of earlier versions (commands, flags, keys of the configuration) and what each is called now. They do nothing any more: an old one is
 * refused like any unknown word, with the new one as the suggestion.
 */
export const FORMER_NAMES: Readonly<Record<string, string>> = {
	accept: 'approve',
	reject: 'request-changes',
	bounce: 'request-changes',
	release: 'unassign',
	requeue: 'retry',
	free: 'unblock',
	unbrake: 'clear-rate-limit',
	brief: 'description',
	copy: 'copyFiles',
	document: 'documentation',
	environment: 'env',
	guarded: 'protectedPaths',
	hold: 'requireApproval',
	idleexit: 'idleTimeout',
	notsecret: 'secretAllowlist',
	reached: 'onReached',
	rounds: 'maxReviewRounds',
	short: 'prefix',
	stall: 'stallTimeout',
	testretry: 'testRetries',
};
