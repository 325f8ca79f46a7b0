/** What is part of the program: the shipped filters and jails, embedded as text. */
import apiTokenFilter from "../../filters/api-token.toml" with { type: "text" };
import caddy404Filter from "../../filters/caddy-404.toml" with { type: "text" };
import fastapiAuthFilter from "../../filters/fastapi-auth.toml" with { type: "text" };
import nginx404Filter from "../../filters/nginx-404.toml" with { type: "text" };
import nginx4xxFilter from "../../filters/nginx-4xx.toml" with { type: "text" };
import nginxBadbotsFilter from "../../filters/nginx-badbots.toml" with { type: "text" };
import nginxBotsearchFilter from "../../filters/nginx-botsearch.toml" with { type: "text" };
import nginxForbiddenFilter from "../../filters/nginx-forbidden.toml" with { type: "text" };
import nginxHttpAuthFilter from "../../filters/nginx-http-auth.toml" with { type: "text" };
import nginxLimitReqFilter from "../../filters/nginx-limit-req.toml" with { type: "text" };
import nginxNoscriptFilter from "../../filters/nginx-noscript.toml" with { type: "text" };
import nginxSslerrorFilter from "../../filters/nginx-sslerror.toml" with { type: "text" };
import sshdFilter from "../../filters/sshd.toml" with { type: "text" };
import ufwFilter from "../../filters/ufw.toml" with { type: "text" };
import apiTokenJail from "../../jails/api-token.toml" with { type: "text" };
import caddy404Jail from "../../jails/caddy-404.toml" with { type: "text" };
import fastapiAuthJail from "../../jails/fastapi-auth.toml" with { type: "text" };
import nginx404Jail from "../../jails/nginx-404.toml" with { type: "text" };
import nginx4xxJail from "../../jails/nginx-4xx.toml" with { type: "text" };
import nginxBadbotsJail from "../../jails/nginx-badbots.toml" with { type: "text" };
import nginxBotsearchJail from "../../jails/nginx-botsearch.toml" with { type: "text" };
import nginxForbiddenJail from "../../jails/nginx-forbidden.toml" with { type: "text" };
import nginxHttpAuthJail from "../../jails/nginx-http-auth.toml" with { type: "text" };
import nginxLimitReqJail from "../../jails/nginx-limit-req.toml" with { type: "text" };
import nginxNoscriptJail from "../../jails/nginx-noscript.toml" with { type: "text" };
import nginxSslerrorJail from "../../jails/nginx-sslerror.toml" with { type: "text" };
import recidiveJail from "../../jails/recidive.toml" with { type: "text" };
import sshdJail from "../../jails/sshd.toml" with { type: "text" };
import ufwJail from "../../jails/ufw.toml" with { type: "text" };

/** The texts of TOML files by their names without `.toml`. */
export interface Shipped {
  readonly filters: Readonly<Record<string, string>>;
  readonly jails: Readonly<Record<string, string>>;
}

/** Every file in `filters/` and `jails/` of the source. */
export const shipped: Shipped = {
  filters: {
    "api-token": apiTokenFilter,
    "caddy-404": caddy404Filter,
    "fastapi-auth": fastapiAuthFilter,
    "nginx-404": nginx404Filter,
    "nginx-4xx": nginx4xxFilter,
    "nginx-badbots": nginxBadbotsFilter,
    "nginx-botsearch": nginxBotsearchFilter,
    "nginx-forbidden": nginxForbiddenFilter,
    "nginx-http-auth": nginxHttpAuthFilter,
    "nginx-limit-req": nginxLimitReqFilter,
    "nginx-noscript": nginxNoscriptFilter,
    "nginx-sslerror": nginxSslerrorFilter,
    "sshd": sshdFilter,
    "ufw": ufwFilter,
  },
  jails: {
    "api-token": apiTokenJail,
    "caddy-404": caddy404Jail,
    "fastapi-auth": fastapiAuthJail,
    "nginx-404": nginx404Jail,
    "nginx-4xx": nginx4xxJail,
    "nginx-badbots": nginxBadbotsJail,
    "nginx-botsearch": nginxBotsearchJail,
    "nginx-forbidden": nginxForbiddenJail,
    "nginx-http-auth": nginxHttpAuthJail,
    "nginx-limit-req": nginxLimitReqJail,
    "nginx-noscript": nginxNoscriptJail,
    "nginx-sslerror": nginxSslerrorJail,
    "recidive": recidiveJail,
    "sshd": sshdJail,
    "ufw": ufwJail,
  },
};
