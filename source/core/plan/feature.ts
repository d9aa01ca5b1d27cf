import type {RoomEvent} from '../event/event.ts';

/** A feature as the sum of its tasks; it has ended when none of them is open. Times are epoch ms of the server, 0 where unset. */
export type Feature = {
	readonly id: string;
	readonly total: number;
	readonly open: number;
	readonly merged: number;
	readonly failed: number;
	readonly cancelled: number;
	readonly createdAt: number;
	readonly endedAt: number;
	/** What its tasks used up, in millionths of a dollar, and tokens. */
	readonly spent: number;
	readonly tokensIn: number;
	readonly tokensOut: number;
	/** Of `tokensIn`, what the provider's cache gave. */
	readonly tokensCached: number;
};

/** So many features are known by heart, the newest. */
const FEATURES_KEPT = 100;

const whole = (value: string | undefined, otherwise = 0): number => (value === undefined ? otherwise : Number(value) || 0);

/** Reads a feature from flat fields, over what was known of it. */
export const parseFeature = (id: string, fields: Readonly<Record<string, string>>, before?: Feature): Feature => ({
	id,
	total: whole(fields.total, before?.total),
	open: whole(fields.open, before?.open),
	merged: whole(fields.merged, before?.merged),
	failed: whole(fields.failed, before?.failed),
	cancelled: whole(fields.cancelled, before?.cancelled),
	createdAt: whole(fields.createdAt, before?.createdAt),
	endedAt: whole(fields.endedAt, before?.endedAt),
	spent: whole(fields.spent, before?.spent),
	tokensIn: whole(fields.tokensIn, before?.tokensIn),
	tokensOut: whole(fields.tokensOut, before?.tokensOut),
	tokensCached: whole(fields.tokensCached, before?.tokensCached),
});

/** Folds one entry of the record into the features known; of one that is not known its first entry alone begins it. */
export const foldFeatures = (features: ReadonlyMap<string, Feature>, {featureFields}: RoomEvent): ReadonlyMap<string, Feature> => {
	const {id} = featureFields;
	if (!id || (!features.has(id) && featureFields.createdAt === undefined)) return features;
	const next = new Map(features).set(id, parseFeature(id, featureFields, features.get(id)));
	const oldest = next.size > FEATURES_KEPT ? [...next.values()].toSorted((a, b) => a.createdAt - b.createdAt)[0] : undefined;
	if (oldest) next.delete(oldest.id);
	return next;
};
