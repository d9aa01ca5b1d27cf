/** The variable that Codex misses at its start (`env_key` of its provider), from its last lines; '' for none. */
export const missingVariable = (lines: readonly string[]): string =>
	/Missing environment variable: `([A-Za-z_][A-Za-z0-9_]{0,99})`/.exec(lines.join('\n'))?.[1] ?? '';

/** Variables that a `config.toml` makes it read: `env_key` of the provider in use. */
export const neededVariables = (settings: string): readonly string[] => {
	const top = settings.split(/^\s*\[/m)[0] ?? '';
	const [, provider] = /^\s*model_provider\s*=\s*["']([A-Za-z0-9_-]+)["']/m.exec(top) ?? [];
	if (provider === undefined) return [];
	const section = settings
		.split(/^\s*\[/m)
		.find(part => part.startsWith(`model_providers.${provider}]`) || part.startsWith(`model_providers."${provider}"]`));
	const [, variable] = /^\s*env_key\s*=\s*["']([A-Za-z_][A-Za-z0-9_]{0,99})["']/m.exec(section ?? '') ?? [];
	return variable === undefined ? [] : [variable];
};
