--- Who does what is singular in a team: sweeps, checkpoints, decisions about merges.
--- Guarantees: one token at a time, and none that was ever issued before. It ends when its room leaves, or when somebody has seen its renewals stand
--- still for a whole lease by a clock of their own: no clock of a server or host is asked. A superseded token writes nothing (lib/once).
--- uses: rooms

local function current()
	local values = redis.call('HMGET', key('leader'), 'token', 'renewals', 'room')
	return {token = values[1] or '', renewals = values[2] or '0', room = values[3] or ''}
end

local function isIt(token)
	return token ~= '' and token == current().token
end

--- The next token, for this life of a room.
local function begin(room, nonce)
	local token = digits(redis.call('INCR', key('fencing'))) .. ':' .. nonce
	redis.call('HSET', key('leader'), 'token', token, 'renewals', '1', 'room', room)
	return token
end

--- A room has ended: whoever asks first leads.
local function leave(home)
	if rooms.homeOf(current().room) == home then
		redis.call('HSET', key('leader'), 'token', '')
	end
end

return {current = current, isIt = isIt, begin = begin, leave = leave}
