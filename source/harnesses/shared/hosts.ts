const SERVICES = /^(?:ANTHROPIC|OPENAI|GOOGLE|COPILOT|AMP|CODEX|ANTHROPIC_BEDROCK|ANTHROPIC_VERTEX)_?\w*(?:BASE_URL|_URL)$/;

const hostOf = (url: string): readonly string[] => {
	const [, host, port] = /^https?:\/\/(?:[^/@]*@)?([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::(\d{1,5}))?(?:\/|$)/.exec(url) ?? [];
	return host === undefined ? [] : [port === undefined ? host : `${host}:${port}`];
};

type Environment = Readonly<Record<string, string | undefined>>;

/** A region that is part of a host name must be a plain word. */
const word = (text: string | undefined): string => (text !== undefined && /^[a-z0-9-]+$/.test(text) ? text : '');

const cloudHosts = (environment: Environment): readonly string[] => {
	const region = word(environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION);
	const place = word(environment.CLOUD_ML_REGION ?? environment.GOOGLE_CLOUD_LOCATION);
	const isBedrock = Boolean(environment.CLAUDE_CODE_USE_BEDROCK) && region !== '';
	const isVertex = Boolean(environment.CLAUDE_CODE_USE_VERTEX || environment.GOOGLE_GENAI_USE_VERTEXAI);
	return [
		...(isBedrock ? [`bedrock-runtime.${region}.amazonaws.com`, `bedrock.${region}.amazonaws.com`, `sts.${region}.amazonaws.com`] : []),
		...(isVertex
			? ['aiplatform.googleapis.com', 'oauth2.googleapis.com', ...(place === '' ? [] : [`${place}-aiplatform.googleapis.com`])]
			: []),
	];
};

/** Hosts that the environment names, by URL or as a cloud. */
export const namedHosts = (environment: Environment): readonly string[] => [...cloudHosts(environment), ...addresses(environment)];

const addresses = (environment: Environment): readonly string[] =>
	Object.entries(environment).flatMap(([name, value]) => (SERVICES.test(name) ? hostOf(value ?? '') : []));
