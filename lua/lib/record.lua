--- Where the record stands.
--- Guarantees: a position counts the entries ever written, so that two of them say exactly whether anything between was trimmed: the first
--- `trimmed` entries are gone, and a checkpoint at a position below that cannot be followed any more.

--- Entries ever written, how many of them were trimmed, and the id of the last.
local function positionOf()
	if redis.call('EXISTS', key('events')) == 0 then
		return 0, 0, '0-0'
	end
	local info = redis.call('XINFO', 'STREAM', key('events'))
	local written = tonumber(valueIn(info, 'entries-added'))
	return written, written - tonumber(valueIn(info, 'length')), valueIn(info, 'last-generated-id')
end

--- Whether a checkpoint is wanted at `position`: `interval` entries after the last one of this version that can still be followed, or after
--- the beginning where nothing was trimmed. A checkpoint costs in proportion to the unfinished tasks, so with many of them they
--- stand further apart, at most five intervals.
local function isWanted(position, written, trimmed, version, interval)
	local last = redis.call('ZREVRANGE', key('checkpoints'), 0, 0, 'WITHSCORES')
	local at = tonumber(last[2] or '-1')
	if at < trimmed or at > written or redis.call('HGET', key('checkpoint:' .. (last[1] or '')), 'version') ~= version then
		if trimmed > 0 then
			return true
		end
		at = 0
	end
	local apart = math.min(5 * interval, math.floor(redis.call('ZCARD', key('tasks:live')) / 10))
	return position - at >= math.max(interval, apart)
end

return {positionOf = positionOf, isWanted = isWanted}
