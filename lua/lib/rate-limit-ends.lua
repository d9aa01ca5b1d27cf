--- How a rate limit ends: by the clock, by a success, or by a human.
--- Run when first used: most steps need none of it.
--- uses: rate-limits

--- Ends a rate limit; the caller serves waiting agents.
local function lift(account, agent, text)
	local rateLimit = rateLimits.teamOrders().rateLimits[account]
	redis.call('HDEL', key('control'), 'rateLimit:' .. account)
	redis.call('HSET', key('rateLimits:before'), account, digits(rateLimit.level) .. ' ' .. nowText)
	rateLimits.teamOrders().rateLimits[account] = nil
	emit('account_resumed', '', agent, account .. ' ' .. text, tell({}, 'c', {'rateLimit:' .. account, ''}), 'account:' .. account .. ':free')
end

--- What the clock ended: a trial without a reported end, and a rate limit that is too old to matter.
local function liftDue()
	for account, rateLimit in pairs(rateLimits.teamOrders().rateLimits) do
		if now >= rateLimit.ends + (rateLimit.probe == '-' and rateLimits.MEMORY_MS or 0) then
			lift(account, '', 'its rate limit has ended')
		end
	end
end

--- An agent succeeded: if it tried for its account, the others may resume. Returns whether it did.
local function prove(member)
	local rateLimit = rateLimits.of(member.account)
	if not rateLimit or rateLimit.probe ~= member.id then
		return false
	end
	lift(member.account, member.id, 'working again')
	return true
end

return {lift = lift, liftDue = liftDue, prove = prove}
