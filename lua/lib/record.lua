--- The position of the event log.
--- Guarantees: a position counts all entries ever written, so two of them tell exactly whether anything between was trimmed: the first
--- `trimmed` entries are gone, and a checkpoint at a lower position cannot be replayed.

--- Number of entries ever written, number trimmed, and the last id.
local function positionOf()
	if redis.call('EXISTS', key('events')) == 0 then
		return 0, 0, '0-0'
	end
	local info = redis.call('XINFO', 'STREAM', key('events'))
	local written = tonumber(valueIn(info, 'entries-added'))
	return written, written - tonumber(valueIn(info, 'length')), valueIn(info, 'last-generated-id')
end

--- Whether a checkpoint is due at `position`: `interval` entries after the last valid one of this version, or after the beginning if
--- nothing was trimmed. Its cost grows with the unfinished tasks, so with many of them the interval grows, up to five times.
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
