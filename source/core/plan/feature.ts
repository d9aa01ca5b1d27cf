import type {RoomEvent} from '../event/event.ts';

/** A feature as the sum of its tasks; it ends when none is open. Times are epoch ms of the server, 0 where unset. */
export type Feature = {
	readonly id: string;
	readonly total: number;
	readonly open: number;
	readonly merged: number;
	readonly failed: number;
	readonly cancelled: number;
	readonly createdAt: number;
	readonly endedAt: number;
	/** Millionths of a dollar. */
	readonly spent: number;
	readonly tokensIn: number;
	readonly tokensOut: number;
	/** Part of `tokensIn` that came from the provider's cache. */
	readonly tokensCached: number;
	/** Requests to a model that were cut off before they said what they cost. */
	readonly cancelledCalls: number;
};

/** The newest features that are kept in memory. */
const FEATURES_KEPT = 100;

const whole = (value: string | undefined, otherwise = 0): number => (value === undefined ? otherwise : Number(value) || 0);

/** Reads a feature from flat fields, over its known state. */
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
	cancelledCalls: whole(fields.cancelledCalls, before?.cancelledCalls),
});

/** Folds one event into the known features; an unknown feature only starts with its first event. */
export const foldFeatures = (features: ReadonlyMap<string, Feature>, {featureFields}: RoomEvent): ReadonlyMap<string, Feature> => {
	const {id} = featureFields;
	if (!id || (!features.has(id) && featureFields.createdAt === undefined)) return features;
	const next = new Map(features).set(id, parseFeature(id, featureFields, features.get(id)));
	const oldest = next.size > FEATURES_KEPT ? [...next.values()].toSorted((a, b) => a.createdAt - b.createdAt)[0] : undefined;
	if (oldest) next.delete(oldest.id);
	return next;
};
