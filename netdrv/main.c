// SPDX-License-Identifier: GPL-2.0
/* Module start and end, and what every network namespace has of plait. */

#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>

#include "plait.h"
#include "tell.h"
#include "uapi/plait.h"

unsigned int plait_net_id __read_mostly;

/* What must not be done in softirq, or with RTNL held: see plait_kick(). */
struct workqueue_struct *plait_wq;

static int __net_init plait_net_init(struct net *net)
{
	struct plait_net *pn = plait_pernet(net);

	pn->net = net;
	INIT_LIST_HEAD(&pn->sockets);
	INIT_LIST_HEAD(&pn->devices);
	return rhashtable_init(&pn->sessions, &plait_session_params);
}

/* A namespace ends: devices made here, wherever they are, lose its sockets. */
static void __net_exit plait_net_pre_exit(struct net *net)
{
	struct plait_net *pn = plait_pernet(net);
	struct plait_dev *p, *next;

	rtnl_lock();
	list_for_each_entry_safe(p, next, &pn->devices, node)
		plait_detach(p);
	rtnl_unlock();
}

static void __net_exit plait_net_exit(struct net *net)
{
	struct plait_net *pn = plait_pernet(net);

	WARN_ON_ONCE(!list_empty(&pn->devices) || !list_empty(&pn->sockets));
	rhashtable_destroy(&pn->sessions);
}

static struct pernet_operations plait_net_ops = {
	.init = plait_net_init,
	.pre_exit = plait_net_pre_exit,
	.exit = plait_net_exit,
	.id = &plait_net_id,
	.size = sizeof(struct plait_net),
};

static int __init plait_module_init(void)
{
	int err;

	plait_wq = alloc_workqueue(KBUILD_MODNAME, WQ_UNBOUND, 0);
	if (!plait_wq)
		return -ENOMEM;
	err = register_pernet_device(&plait_net_ops);
	if (err)
		goto err_wq;
	err = rtnl_link_register(&plait_link_ops);
	if (err)
		goto err_pernet;
	err = plait_tell_init();
	if (err)
		goto err_link;
	err = plait_genl_init();
	if (err)
		goto err_tell;
	return 0;

err_tell:
	plait_tell_exit();
err_link:
	rtnl_link_unregister(&plait_link_ops);
err_pernet:
	unregister_pernet_device(&plait_net_ops);
	rcu_barrier();
err_wq:
	destroy_workqueue(plait_wq);
	return err;
}

static void __exit plait_module_exit(void)
{
	plait_genl_exit();
	plait_tell_exit();
	rtnl_link_unregister(&plait_link_ops);
	unregister_pernet_device(&plait_net_ops);
	/* Strands and sockets are freed by RCU callbacks, keys by work. */
	rcu_barrier();
	destroy_workqueue(plait_wq);
}

module_init(plait_module_init);
module_exit(plait_module_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("plait: one good link out of several bad ones");
MODULE_VERSION(PLAIT_MODULE_VERSION);
MODULE_ALIAS_RTNL_LINK(KBUILD_MODNAME);
MODULE_ALIAS_GENL_FAMILY(PLAIT_FAMILY_NAME);
