/** A file under a folder is a link, no plain file, or behind a link. `path` is relative to the folder. */
export class LinkRefused extends Error {
	readonly path: string;

	constructor(path: string) {
		super(`\`${path}\` is a link or not a regular file`);
		this.name = 'LinkRefused';
		this.path = path;
	}
}
