--- Rooms of the team: a card each, kept by what all its lives have in common.
--- Guarantees: a room counts as living while its heartbeat is there; who is gone keeps its card, until it comes back or a week has passed.

--- What all lives of one room share; any other name stands for itself.
local function homeOf(room)
	return string.match(room, '^(room:[^:]+):[^:]+$') or room
end

local function cardKey(home)
	return key('rooms:card:' .. home)
end

--- The heartbeat of a life, nil where there is none.
local function beatOf(room)
	local beat = softly('GET', key('heartbeat:room:' .. room))
	return beat and (string.match(beat, '^%d+$') or '1') or nil
end

--- Fields of a room's card by name, missing ones ''; nil where there is no such room.
local function read(home, ...)
	local names = {'life', ...}
	local values = redis.call('HMGET', cardKey(home), unpack(names))
	if not values[1] then
		return nil
	end
	local card = {}
	for index, name in ipairs(names) do
		card[name] = values[index] or ''
	end
	return card
end

--- Calls `visit` with the name and card of each other room that lives; until it returns something, which is returned.
local function others(home, names, visit)
	for _, other in ipairs(redis.call('SMEMBERS', key('rooms:joined'))) do
		local card = other ~= home and read(other, 'host', 'endedAt', unpack(names))
		if card and card.endedAt == '' and beatOf(card.life) then
			local found = visit(other, card)
			if found then
				return found
			end
		end
	end
	return nil
end

--- Says of a life that it has ended, where it is the newest of its room; whoever is left hears of it.
local function ends(room, how, text)
	local home = homeOf(room)
	local card = read(home, 'host')
	if not card or card.life ~= room then
		return
	end
	redis.call('HSET', cardKey(home), 'endedAt', nowText, 'ended', how)
	if others(home, {}, function() return true end) then
		emit('room_left', '', '', card.host .. ' ' .. text, {}, 'room:' .. room .. ':' .. how)
	end
end

--- A life beats: also one that was given up too early.
local function lives(room, load, memory, draining, reaches)
	local card = cardKey(homeOf(room))
	if redis.call('HGET', card, 'life') == room then
		redis.call('HSET', card, 'load', load, 'memory', memory, 'draining', draining, 'reaches', reaches, 'beatAt', nowText, 'endedAt', '')
	end
end

return {homeOf = homeOf, cardKey = cardKey, beatOf = beatOf, read = read, others = others, ends = ends, lives = lives}
