/** A file that is read or written beneath a folder is a link, no plain file, or lies behind a link. `path` is its name beneath the folder. */
export class LinkRefused extends Error {
	readonly path: string;

	constructor(path: string) {
		super(`\`${path}\` is a link or no plain file`);
		this.name = 'LinkRefused';
		this.path = path;
	}
}
